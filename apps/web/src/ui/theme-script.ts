/** Where the choice is kept: `light`, `dark`, or nothing for the system's. */
export const THEME_KEY = 'causeway-theme';

/** Runs in the head before the first paint, so the page never flashes in the wrong theme. */
export const THEME_SCRIPT = `(()=>{let t=null;try{t=localStorage.getItem('${THEME_KEY}')}catch{}
if(t!=='light'&&t!=='dark')t=matchMedia('(prefers-color-scheme: dark)').matches?'dark':'light';
document.documentElement.dataset.theme=t})()`;
