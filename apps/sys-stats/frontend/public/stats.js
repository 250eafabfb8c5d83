const everyMs = 2_000;
const element = (id) => document.getElementById(id);
const gib = (bytes) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

function show({ host, process, cpu, memory, uptimeSeconds }) {
  element('cpu').textContent = `${cpu} %`;
  element('cpu-meter').value = cpu;
  element('memory').textContent = `${memory.percent} %`;
  element('memory-meter').value = memory.percent;
  element('memory-detail').textContent = `${gib(memory.used)} of ${gib(memory.total)}`;
  element('source').textContent = `Answered by process ${process} on ${host}, running for ${uptimeSeconds} s`;
}

async function refresh() {
  if (document.hidden) return;
  try {
    const response = await fetch('/stats');
    if (!response.ok) throw new Error(`the backend answered ${response.status}`);
    show(await response.json());
  } catch {
    element('source').textContent = 'The backend does not answer just now.';
  }
}

refresh();
setInterval(refresh, everyMs);
