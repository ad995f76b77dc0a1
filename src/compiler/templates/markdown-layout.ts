/**
 * The layout of Markdown emails. Plain on purpose: one column, the reader's own fonts, no pictures, colours for light and dark.
 * It carries what the law wants of every marketing email (CAN-SPAM, 15 USC 7704(a)(5)): who sends it, where they are, how to stop it.
 */
export const MARKDOWN_LAYOUT = `<mjml lang="en">
  <mj-head>
    <mj-title>{{ brand }}</mj-title>
    <mj-raw><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"></mj-raw>
    <mj-attributes>
      <mj-all font-family="-apple-system, BlinkMacSystemFont, 'Segoe UI', Helvetica, Arial, sans-serif" />
      <mj-text font-size="16px" line-height="1.6" color="#24292f" padding="0" />
      <mj-section padding="0 24px" />
    </mj-attributes>
    <mj-style inline="inline">
      .prose h1 { font-size: 26px; line-height: 1.25; margin: 0 0 16px; color: #111418; }
      .prose h2 { font-size: 20px; line-height: 1.3; margin: 28px 0 12px; color: #111418; }
      .prose p { margin: 0 0 16px; }
      .prose ul { margin: 0 0 16px; padding: 0 0 0 22px; }
      .prose ol { margin: 0 0 16px; padding: 0 0 0 22px; }
      .prose li { margin: 0 0 6px; }
      .prose a { color: #1f5f4a; }
      .prose p.button { margin: 24px 0; }
      .prose p.button a { display: inline-block; background: #1f5f4a; color: #ffffff; text-decoration: none; font-weight: 600; padding: 13px 26px; border-radius: 8px; }
      .prose blockquote { margin: 0 0 16px; padding: 0 0 0 16px; border-left: 3px solid #d0d7de; }
      .small a { color: #57606a; }
    </mj-style>
    <mj-style>
      :root { color-scheme: light dark; }
      @media (prefers-color-scheme: dark) {
        .page, .page > div { background-color: #14171a !important; }
        .prose div, .prose p, .prose li, .prose blockquote { color: #d9dee3 !important; }
        .prose h1, .prose h2, .brand div { color: #f4f6f8 !important; }
        .prose a { color: #7fd1b3 !important; }
        .prose p.button a { background: #7fd1b3 !important; color: #0d1f18 !important; }
        .small div, .small a { color: #9aa4ad !important; }
        .rule p { border-top-color: #30363d !important; }
      }
    </mj-style>
  </mj-head>
  <mj-body width="560px" background-color="#ffffff" css-class="page">
    <mj-section padding="36px 24px 20px">
      <mj-column>
        <mj-text css-class="brand" font-size="17px" font-weight="700" color="#111418">{{ brand }}</mj-text>
      </mj-column>
    </mj-section>
    <mj-section>
      <mj-column>
        <mj-text css-class="prose"><!-- content --></mj-text>
      </mj-column>
    </mj-section>
    <mj-section padding="8px 24px 36px">
      <mj-column>
        <mj-divider css-class="rule" border-width="1px" border-color="#d8dee4" padding="8px 0 18px" />
        <mj-text css-class="small" font-size="13px" color="#57606a">{{ brand }} &middot; {{ postal_address }}<br /><a href="{{ unsubscribe_url }}">Unsubscribe</a> &middot; <a href="{{ preferences_url }}">Choose what you get</a></mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
`
