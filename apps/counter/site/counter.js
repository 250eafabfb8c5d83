const output = document.querySelector('output');
const note = document.querySelector('#note');

async function count(method) {
  try {
    const response = await fetch('/api/count', { method });
    if (!response.ok) throw new Error(`the API answered ${response.status}`);
    output.value = (await response.json()).count.toLocaleString();
    note.textContent = '';
  } catch {
    note.textContent = 'The counter does not answer just now.';
  }
}

document.querySelector('#add').addEventListener('click', () => count('POST'));
document.querySelector('#reset').addEventListener('click', () => count('DELETE'));
setInterval(() => document.hidden || count('GET'), 5_000);
count('GET');
