import twilio from 'twilio'

/**
 * The SDK's HTTP client for one call: it aborts at the deadline (the SDK knows only an idle timeout), keeps the Retry-After that
 * the SDK's exceptions drop, and opens a connection of its own. A kept-alive connection that the carrier has just closed
 * resets after the write, and such a reset cannot be told from a message that was taken and never acknowledged.
 */
export class HandOffTransport extends twilio.RequestClient {
  /** The Retry-After header of the last answer, as it came. */
  retryAfter: unknown

  constructor(signal: AbortSignal) {
    super({ keepAlive: false, autoRetry: false })
    this.axios.interceptors.request.use((config) => {
      config.signal = signal
      return config
    })
    this.axios.interceptors.response.use((response) => {
      this.retryAfter = response.headers['retry-after']
      return response
    })
  }
}
