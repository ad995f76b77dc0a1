import { createHash, createHmac } from 'node:crypto'

/** Form parameters in the order they are sent; a name may occur several times. */
export type FormPairs = readonly (readonly [name: string, value: string])[]

/**
 * The X-Twilio-Signature of a webhook: HMAC-SHA1 over the URL and, sorted by name, each parameter's name and value.
 * Repeated parameters count once per distinct value, sorted. The URL must be the public one, without a fragment.
 * Source: https://www.twilio.com/docs/usage/security#validating-requests
 */
export const twilioSignature = (authToken: string, url: string, params: FormPairs): string => {
  const names = [...new Set(params.map(([name]) => name))].toSorted()
  const signed = names.map((name) => {
    const values = params.filter(([other]) => other === name).map(([, value]) => value)
    return [...new Set(values)]
      .toSorted()
      .map((value) => name + value)
      .join('')
  })
  return createHmac('sha1', authToken)
    .update(url + signed.join(''), 'utf8')
    .digest('base64')
}

/** The URL of a JSON webhook: its body is covered by a hash in the query, and the signature covers the URL alone. */
export const withBodyHash = (url: string, body: string): string => {
  const hash = createHash('sha256').update(body, 'utf8').digest('hex')
  return `${url}${url.includes('?') ? '&' : '?'}bodySHA256=${hash}`
}

export const withoutFragment = (url: string): string => url.split('#', 1)[0] ?? url
