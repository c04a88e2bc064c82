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
