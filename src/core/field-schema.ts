/** The part of JSON Schema that event and contact schemas may use. Nested objects are closed: unknown fields are errors in conditions. */
export interface ObjectSchema {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, FieldSchema>>
  readonly required?: readonly string[]
}

export type FieldSchema =
  | {
      readonly type: 'string'
      readonly format?: 'date-time' | 'date' | 'email' | 'uri'
      readonly enum?: readonly string[]
    }
  | { readonly type: 'number' | 'integer' | 'boolean' }
  | { readonly type: 'array'; readonly items: FieldSchema }
  | ObjectSchema
