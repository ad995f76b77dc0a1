import { describe, expect, it } from 'vitest'
import { CALL_PLACES } from './watched.ts'
import { runChaos } from './crash-matrix.ts'
import { QUICK } from './plans.ts'

/** The same as `npm run chaos`, with every place of the send path once: see docs/chaos.md. */
describe('processes that are killed at every place of the send path, under every calamity', () => {
  it('send nothing twice, lose nobody, send nothing after a no and breach no cap', { timeout: 900_000 }, async () => {
    const { comparison, deaths, sends } = await runChaos(QUICK, () => undefined)
    const { duplicates, lost, afterNo, capBreaches } = comparison
    expect({ duplicates, lost, afterNo, capBreaches }).toEqual({
      duplicates: [],
      lost: [],
      afterNo: [],
      capBreaches: [],
    })
    expect(sends).toBeGreaterThanOrEqual(QUICK.sends)
    const places = new Set(deaths.map(({ place }) => place))
    for (const place of [...CALL_PLACES, 'deliver/claim/before', 'deliver/claim/after']) expect(places).toContain(place)
  })
})
