/**
 * A compiled template, stored under the SHA-256 of its canonical JSON. MJML is HTML, Markdown is HTML and front matter is
 * read by then; only Liquid is left to fill and links are left to rewrite at send time.
 *
 * Liquid sees: `contact.*`, `trigger.*`, `offer.code`, `offer.percent`, `offer.valid_until`, `brand`, `postal_address`,
 * `unsubscribe_url` and `preferences_url` (email).
 */
export type Content =
  | {
      readonly kind: 'email'
      readonly subject: string
      readonly preheader?: string
      readonly html: string
      readonly text: string
      /** Dotted paths that the Liquid reads, sorted. */
      readonly reads: readonly string[]
    }
  | { readonly kind: 'sms'; readonly body: string; readonly reads: readonly string[] }
