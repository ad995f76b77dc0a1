import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

/** A number in [0, 1) that depends only on the salt and the id: sha256(salt + "." + id), its first 48 bits. */
export function hashFraction(salt: string, id: string): number {
  const digest = sha256(utf8ToBytes(`${salt}.${id}`))
  let bits = 0
  for (let i = 0; i < 6; i++) bits = bits * 256 + (digest[i] ?? 0)
  return bits / 2 ** 48
}

/** The arm of an experiment for a contact; arms are equally likely. The first assignment is stored and stays. */
export function assignArm(experiment: string, arms: readonly string[], contact: string): string {
  const arm = arms[Math.floor(hashFraction(experiment, contact) * arms.length)]
  if (arm === undefined) throw new Error(`experiment ${experiment} has no arms`)
  return arm
}

/** Whether a contact is held out of a journey: walked through the timeline, never messaged. */
export function isHeldOut(journey: string, share: number, contact: string): boolean {
  return hashFraction(`holdout:${journey}`, contact) < share
}
