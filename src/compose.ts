import { createHmac } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { auditWeeks, type WeeklyAuditResult } from './consent/audit/audit.ts'
import { reportMarkdown, reportTitle } from './consent/audit/report.ts'
import { signPreferenceToken } from './consent/preferences/token.ts'
import { endExpiredSuppressions } from './consent/soft-bounce.ts'
import { signUnsubscribeToken } from './consent/unsubscribe-token.ts'
import type { Clock } from './core/clock.ts'
import type { CompiledJourney } from './core/compiled-journey.ts'
import type { Content } from './core/content.ts'
import type { Database } from './core/database.ts'
import type { DeliverInput, DeliverResult, ServiceResult } from './core/delivery.ts'
import { createContentStore, createJourneyStore } from './delivery/compiled-store.ts'
import { deliver } from './delivery/deliver.ts'
import { watchHealth } from './delivery/health/watch.ts'
import type { MessageProvider } from './delivery/message-provider.ts'
import type { RenderedLink, RenderOutcome } from './delivery/outbound.ts'
import { reconcile } from './delivery/reconcile.ts'
import { render } from './delivery/rendering/render.ts'
import { mailReport } from './delivery/service-message/mail-report.ts'
import { deliverServiceMessage } from './delivery/service-message/hand-over.ts'
import { settleLeftovers } from './delivery/service-message/leftover.ts'
import { statusCallbackUrl } from './delivery/webhook-url.ts'
import { tidyOutbox } from './engine/outbox.ts'
import { gate } from './gate/gate.ts'
import { journeyVersions } from './gate/journey-versions.ts'
import type { Reservation } from './gate/verdict.ts'
import { createApi } from './http/api.ts'
import type { LogTarget } from './http/log.ts'
import { createDeployedJourneys, type DeployedJourneys } from './ingestion/deployed-journeys.ts'
import { receiveWebhook } from './ingestion/feedback.ts'
import { createSendgrid } from './providers/sendgrid/sendgrid.ts'
import { createTwilio } from './providers/twilio/twilio.ts'
import { workErasureTasks } from './rights/erasure-tasks.ts'
import type { Settings } from './settings.ts'

/**
 * The composition root: the only place that picks providers and puts the parts together. Every process (API, worker,
 * development stack, test) takes its parts from here and adds only what makes it that process.
 */
export interface Foundation {
  readonly settings: Settings
  readonly database: Database
  readonly clock: Clock
  readonly journeys: DeployedJourneys
  /** Any version that was ever deployed, by hash; read once per process. */
  readonly version: (hash: string) => Promise<CompiledJourney>
  readonly providers: ReadonlyMap<string, MessageProvider>
}

export function layFoundation(settings: Settings, database: Database, clock: Clock): Foundation {
  return {
    settings,
    database,
    clock,
    journeys: createDeployedJourneys(database),
    version: createJourneyStore(database),
    providers: createProviders(settings),
  }
}

/** The providers that are configured, by name. */
export function createProviders({
  twilio,
  sendgrid,
}: Partial<Pick<Settings, 'twilio' | 'sendgrid'>>): ReadonlyMap<string, MessageProvider> {
  const providers = [
    ...(twilio === undefined ? [] : [createTwilio(twilio)]),
    ...(sendgrid === undefined ? [] : [createSendgrid(sendgrid)]),
  ]
  return new Map(providers.map((provider) => [provider.name, provider]))
}

const time = { monotonicMs: () => performance.now(), realNow: () => Date.now() }

/** `deliver`, with everything it needs: what the activity of every step calls. */
export function composeDelivery(foundation: Foundation): (input: DeliverInput) => Promise<DeliverResult> {
  const { settings, database, clock, providers } = foundation
  const versions = journeyVersions()
  const dependencies = {
    database,
    clock,
    time,
    gate: (request: Parameters<typeof gate>[2]) =>
      gate(database, { keys: settings.addressKeys, journeys: versions }, request),
    render: (content: Content, reservation: Reservation) => renderReserved(foundation, content, reservation),
    content: createContentStore(database),
    journey: foundation.version,
    providers: (name: string) => providers.get(name),
    keys: settings.addressKeys,
    publicUrl: settings.publicUrl,
  }
  return (input) => deliver(dependencies, input)
}

/** Hands one service message over: what the activity of its workflow calls. */
export function composeServiceDelivery(foundation: Foundation): (id: string) => Promise<ServiceResult> {
  const { settings, database, clock, providers } = foundation
  const dependencies = {
    database,
    clock,
    time,
    providers: (name: string) => providers.get(name),
    keys: settings.addressKeys,
    publicUrl: settings.publicUrl,
  }
  return (id) => deliverServiceMessage(dependencies, id)
}

/**
 * Finds out what became of sends whose outcome is unknown, asks carriers to forget whom Segue has erased, ends the blocks whose time is
 * over, pauses journeys that people report as spam, and clears away what nobody sees to any more. It never sends to contacts.
 */
export function composeReconcile(foundation: Foundation): () => ReturnType<typeof reconcile> {
  const { database, clock, providers, settings } = foundation
  const dependencies = {
    database,
    time,
    providers: (name: string) => providers.get(name),
    journey: foundation.version,
    keys: settings.addressKeys,
  }
  return async () => {
    const result = await reconcile(dependencies, clock.now())
    await endExpiredSuppressions(database, clock.now())
    await watchHealth(database, clock.now())
    await workErasureTasks(dependencies)
    const realNow = time.realNow()
    await settleLeftovers(database, { now: clock.now(), realNow, scale: clock.scale })
    await tidyOutbox(database, realNow)
    return result
  }
}

/** Audits the weeks that are over, and mails each report to whom the live workspace names. */
export function composeConsentAudit({ database, clock }: Foundation): () => Promise<WeeklyAuditResult> {
  return () => {
    const now = clock.now()
    return auditWeeks({
      database,
      now,
      tell: async (statements, report) => {
        const key = `consent-audit:${report.period.from}`
        await mailReport(statements, { key, subject: reportTitle(report), markdown: reportMarkdown(report), at: now })
      },
    })
  }
}

export interface ApiOptions {
  /** Something was written to the outbox: the relay need not wait for its next look. */
  readonly onOutbox: () => void
  readonly log?: LogTarget
}

export function composeApi(foundation: Foundation, options: ApiOptions): FastifyInstance {
  const { settings, database, clock, journeys, providers } = foundation
  const webhooks = {
    database,
    keys: settings.addressKeys,
    journey: foundation.version,
    realNow: time.realNow,
  }
  return createApi({
    trustProxy: foundation.settings.trustProxy,
    database,
    clock,
    journeys,
    ingest: {
      database,
      journeys,
      onOutbox: options.onOutbox,
      // Under an accelerated clock a second of real delay is an hour: skew says nothing there.
      ...(clock.scale === 1 ? {} : { maxSkewMs: Number.POSITIVE_INFINITY }),
    },
    credentials: { writeKeys: settings.writeKeys, serverKeys: settings.serverKeys },
    addressKeys: settings.addressKeys,
    erasesAt: (name) => providers.get(name)?.erases,
    onOutbox: options.onOutbox,
    unsubscribeSecrets: settings.linkSecrets,
    publicUrl: settings.publicUrl,
    receiveWebhook: async (name, kind, webhook) => {
      const provider = providers.get(name)
      if (provider === undefined) return { kind: 'forged' }
      const receipt = await receiveWebhook(webhooks, provider, kind, webhook, clock.now())
      options.onOutbox()
      return receipt
    },
    onInbound: options.onOutbox,
    ...(options.log === undefined ? {} : { log: options.log }),
  })
}

/** The workspace's IANA zone, in which operators read instants. */
export async function operatorZone({ journeys }: Foundation): Promise<string> {
  return (await journeys.current())?.workspace.zone ?? 'UTC'
}

async function renderReserved(
  foundation: Foundation,
  content: Content,
  reservation: Reservation,
): Promise<RenderOutcome> {
  const { settings, clock } = foundation
  const [linkSecret] = settings.linkSecrets
  const links: RenderedLink[] = []
  const rendered = render(content, reservation, {
    links: (url, index) => {
      const token = linkToken(linkSecret, reservation.sendId, index)
      links.push({ token, url })
      return `${settings.publicUrl}/l/${token}`
    },
    unsubscribeUrl: `${settings.publicUrl}/u/${signUnsubscribeToken(reservation.sendId, linkSecret)}`,
    preferencesUrl: `${settings.publicUrl}/p/${signPreferenceToken({ kind: 'send', id: reservation.sendId }, linkSecret)}`,
    statusCallback: statusCallbackUrl(settings.publicUrl, reservation.sender.provider, reservation.sendId),
    zone: await operatorZone(foundation),
    now: clock.now(),
  })
  return rendered.kind === 'rendered' ? { ...rendered, links } : { kind: 'unrenderable', detail: rendered.reason }
}

/** Short enough for a text, too long to guess (60 bits), and the same when a message is rendered again. */
function linkToken(secret: string, sendId: string, index: number): string {
  return createHmac('sha256', secret).update(`link.${sendId}.${index}`).digest('base64url').slice(0, 10)
}
