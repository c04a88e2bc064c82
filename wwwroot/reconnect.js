// A page whose server was away comes back by itself: to its old state if the server still has it, else by loading anew.
const modal = document.getElementById('components-reconnect-modal');
const WAIT = 3000;

modal.addEventListener('components-reconnect-state-changed', async event => {
  if (event.detail.state === 'rejected') {
    await serverIsBack();
    location.reload();
  } else if (event.detail.state === 'failed') {
    await serverIsBack();
    if (!(await window.Blazor.reconnect())) {
      location.reload();
    }
  }
});

async function serverIsBack() {
  for (;;) {
    try {
      if ((await fetch(location.href)).status < 500) { // a server that stops is healthy, and opens no page
        return;
      }
    } catch {
      // Not yet.
    }
    await new Promise(resolve => setTimeout(resolve, WAIT));
  }
}
