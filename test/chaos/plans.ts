import type { ChaosOptions } from './crash-matrix.ts'

/** `npm run chaos`: every place several times, every calamity, a thousand hand-offs. */
export const FULL: ChaosOptions = {
  sends: 1_000,
  kills: 100,
  workerKills: 2,
  otherKills: 1,
  lifeMs: 8_000,
  apiGraceMs: 1_500,
  lanes: 3,
  zombieAt: [
    'deliver/read facts/after',
    'deliver/claim/before',
    'deliver/claim/after',
    'deliver/call/before',
    'deliver/completion/before',
  ],
  postgresRestarts: 3,
  temporalRestarts: 2,
  resets: 30,
  productionEveryMs: 20_000,
  seed: 20_261_125,
  patienceMs: 540_000,
}

/** In the tests: every place of the send path once, and one of each calamity. */
export const QUICK: ChaosOptions = {
  ...FULL,
  sends: 100,
  kills: 20,
  workerKills: 1,
  otherKills: 0,
  zombieAt: ['deliver/claim/after'],
  postgresRestarts: 1,
  temporalRestarts: 1,
  resets: 5,
  productionEveryMs: 60_000,
  lifeMs: 15_000,
  patienceMs: 420_000,
}
