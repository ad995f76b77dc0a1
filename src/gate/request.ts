import type { AddressKeys } from '../consent/address.ts'
import type { Branch } from '../core/compiled-journey.ts'
import type { JourneyVersions } from './journey-versions.ts'

export interface GateDeps {
  readonly keys: AddressKeys
  readonly journeys: JourneyVersions
}

export interface GateRequest {
  readonly enrollment: string
  readonly step: string
  readonly branch: Branch
  /** Virtual instant at which the step was first due; the same in every call for it. */
  readonly dueAt: number
  /** Virtual instant of this call. */
  readonly now: number
}
