/** Shown while the app behind nginx does not answer. Names nobody and loads nothing. */
export const STARTING_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5">
<title>Starting</title>
<style>
  body { font: 1.1rem/1.5 system-ui, sans-serif; display: grid; place-content: center; min-height: 90vh; text-align: center; color: #444; background: #fafafa }
  @media (prefers-color-scheme: dark) { body { color: #bbb; background: #181818 } }
</style>
<h1>One moment</h1>
<p>This service is starting. The page comes by itself.</p>
</html>
`;
