import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import { SEARCH_ATTRIBUTES } from '../workers/protocol.ts'
import { VARIABLES } from '../src/settings.ts'

interface Service {
  readonly image?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly healthcheck?: unknown
  readonly restart?: string
  readonly command?: readonly string[]
  readonly ports?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
}

const text = readFileSync(new URL('../docker-compose.yml', import.meta.url), 'utf8')
const compose = parse(text, { merge: true }) as { services: Record<string, Service> }
const services = Object.entries(compose.services)
const ours = services.filter(([, { image }]) => image?.startsWith('segue:') === true)

describe('docker-compose.yml', () => {
  it('gives every process of Segue exactly the variables that the code reads', () => {
    const read = VARIABLES.map(({ name }) => name).toSorted()
    expect(ours.map(([name]) => name).toSorted()).toEqual(['api', 'deploy', 'migrate', 'worker'])
    for (const [name, { environment = {} }] of ours) {
      const optional = name === 'api' ? [] : ['SEGUE_HOST', 'SEGUE_PORT']
      expect(Object.keys(environment).toSorted(), name).toEqual(read.filter((variable) => !optional.includes(variable)))
    }
  })

  it('has no default for anything secret', () => {
    for (const { name } of VARIABLES.filter(({ secret, required }) => secret && required)) {
      const values = ours.map(([, { environment }]) => environment?.[name] ?? '')
      for (const value of values) expect(value, name).toMatch(/\$\{[A-Z_]+:\?[^}]+\}/)
    }
    expect(text).not.toMatch(/(PASSWORD|SECRET|TOKEN|KEYS?)[A-Z_]*:-[^}\s]/)
  })

  it('checks the health of every process that stays, and waits for it', () => {
    const staying = services.filter(([, { restart }]) => restart === 'unless-stopped')
    expect(staying.map(([name]) => name).toSorted()).toEqual(['api', 'postgres', 'temporal', 'temporal-ui', 'worker'])
    for (const [name, { healthcheck }] of staying) expect(healthcheck, name).toBeDefined()
    for (const [name, { depends_on: needs = {} }] of services) {
      for (const [needed, { condition }] of Object.entries(needs)) {
        expect(compose.services[needed], `${name} needs ${needed}`).toBeDefined()
        expect(['service_healthy', 'service_completed_successfully'], `${name} needs ${needed}`).toContain(condition)
      }
    }
  })

  it('pins every image and does not use the deprecated auto-setup', () => {
    for (const [name, { image = '' }] of services) {
      expect(image, name).toMatch(/:\d+\.\d+/)
      expect(image, name).not.toContain('auto-setup')
    }
  })

  it('offers nothing without a login beyond loopback', () => {
    for (const [name, { ports = [] }] of services) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/)
    }
  })

  it('registers the search attributes that every run carries', () => {
    const commands = JSON.stringify(compose.services['temporal-namespace']?.command)
    for (const name of SEARCH_ATTRIBUTES) expect(commands).toContain(name)
  })
})
