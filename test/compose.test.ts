import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { composeApi, layFoundation } from '../src/compose.ts'
import { hashAddress } from '../src/consent/address.ts'
import { signUnsubscribeToken } from '../src/consent/unsubscribe-token.ts'
import { readSettings } from '../src/settings.ts'
import { productionEnvironment } from './cli/command-line.ts'
import { addressKeys, openSurface, sentEmail, type Surface } from './http/surface.ts'

let surface: Surface
beforeAll(async () => {
  surface = await openSurface()
})
afterAll(async () => {
  await surface.app.close()
  await surface.shop.database.close()
})

it('an unsubscribe link in delivered mail outlives the change of the link secrets, until its own is removed', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const read = readSettings({
    ...productionEnvironment('unused'),
    SEGUE_LINK_SECRETS: 'the new one,the old one',
    SENDGRID_WEBHOOK_PUBLIC_KEYS: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  })
  if (read.kind === 'invalid') throw new Error(read.problems.join())
  const foundation = layFoundation(read.settings, surface.shop.database, { now: () => 0, scale: 1 })
  const api = composeApi(foundation, { onOutbox: () => undefined })
  const send = await sentEmail(surface.shop, hashAddress(addressKeys, 'email', 'ada@example.com').hash)
  const answers = await Promise.all(
    ['the new one', 'the old one', 'a removed one'].map(async (secret) => {
      const { statusCode } = await api.inject({ method: 'GET', url: `/u/${signUnsubscribeToken(send, secret)}` })
      return statusCode
    }),
  )
  expect(answers).toEqual([200, 200, 404])
  await api.close()
})
