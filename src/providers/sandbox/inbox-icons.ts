import { trusted } from './markup.ts'

const icon = (paths: string) =>
  trusted(
    `<svg viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${paths}</svg>`,
  )

export const icons = {
  phone: icon('<rect x="7" y="2.75" width="10" height="18.5" rx="2.5"/><path d="M11 18h2"/>'),
  mail: icon('<rect x="3" y="5" width="18" height="14" rx="2.5"/><path d="m4 7.5 8 6 8-6"/>'),
  reply: icon('<path d="M9.5 6 4 11.5 9.5 17"/><path d="M4 11.5h9a7 7 0 0 1 7 7"/>'),
  shop: icon(
    '<path d="M4.5 9.5 6 4.5h12l1.5 5"/><path d="M4.5 9.5a2.5 2.5 0 0 0 5 0 2.5 2.5 0 0 0 5 0 2.5 2.5 0 0 0 5 0"/><path d="M6 12.5v7h12v-7"/>',
  ),
  search: icon('<circle cx="11" cy="11" r="6.25"/><path d="m20 20-4.4-4.4"/>'),
  back: icon('<path d="M14.5 5.5 8 12l6.5 6.5"/>'),
  send: icon('<path d="M12 19V5.5"/><path d="m6 11 6-6 6 6"/>'),
  empty: trusted(
    '<svg viewBox="0 0 96 72" width="96" height="72" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M12 40 22 14h52l10 26v18a4 4 0 0 1-4 4H16a4 4 0 0 1-4-4Z"/><path d="M12 40h20l5 8h22l5-8h20"/></svg>',
  ),
} as const
