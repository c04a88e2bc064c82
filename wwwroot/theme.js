// Sets the theme before the first paint: the cookie's, else the system's, which the cookie then keeps for the server.
const kept = document.cookie.match(/(?:^|; )theme=(dark|light)/);
const theme = kept ? kept[1] : matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
if (!kept) {
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=strict`;
}
document.documentElement.dataset.theme = theme;

window.keepTheme = name => {
  document.cookie = `theme=${name}; path=/; max-age=31536000; samesite=strict`;
  document.documentElement.dataset.theme = name;
};

// Until then a click on the page that was painted first goes nowhere.
window.pageIsLive = () => {
  document.documentElement.dataset.live = '';
};

// Whether the text is in the clipboard. Over plain HTTP browsers give no clipboard but this older way.
window.copyText = async text => {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return true;
  }
  const range = document.createRange();
  range.selectNodeContents(document.querySelector('[data-secret]'));
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  return document.execCommand('copy');
};
