/** What a colour of tokens.css is right now, for what CSS does not reach (canvas). @param colour `var(--accent)` */
export function resolvedColour(colour: string): string {
  const probe = document.createElement('span');
  probe.style.color = colour;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
