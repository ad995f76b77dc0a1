/** A parsed form body: one name may carry several values. */
export interface Form {
  /** The first value, or null when the parameter was not sent at all. */
  get(name: string): string | null
  all(name: string): readonly string[]
}

export const readForm = (body: unknown): Form => {
  const fields = new Map<string, readonly string[]>(
    Object.entries(typeof body === 'object' && body !== null ? body : {}).map(([name, value]) => [
      name,
      (Array.isArray(value) ? value : [value]).map(String),
    ]),
  )
  return {
    get: (name) => fields.get(name)?.[0] ?? null,
    all: (name) => fields.get(name) ?? [],
  }
}
