// Runs before anything is painted, so that a chosen theme does not flash.
(function () {
  try {
    const theme = localStorage.getItem('gantry.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // Without storage the page follows the system.
  }
})();
