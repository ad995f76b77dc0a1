declare module 'mjml' {
  interface MjmlError {
    readonly line: number
    readonly message: string
    readonly tagName: string
  }
  interface MjmlOptions {
    readonly fonts: Readonly<Record<string, string>>
    readonly ignoreIncludes: true
    readonly keepComments: boolean
    readonly validationLevel: 'soft'
  }
  export default function mjml2html(
    mjml: string,
    options: MjmlOptions,
  ): Promise<{ readonly html: string; readonly errors: readonly MjmlError[] }>
}

declare module 'html-to-text' {
  interface Selector {
    readonly selector: string
    readonly format?: string
    readonly options?: Readonly<Record<string, unknown>>
  }
  export function convert(
    html: string,
    options: { readonly wordwrap: false; readonly selectors: readonly Selector[] },
  ): string
}
