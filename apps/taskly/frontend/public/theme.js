// Runs before the first paint, so that a remembered theme never flashes in the other one.
(function () {
  var theme = null;
  try {
    theme = localStorage.getItem('taskly.theme');
  } catch {
    // Storage may be switched off: the system's theme it is.
  }
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  document.querySelector('meta[name="theme-color"]').content = dark ? '#121614' : '#f6f4ee';
})();
