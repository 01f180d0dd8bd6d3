import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import './tokens.css';
import './style/base.css';
import './style/parts.css';
import './style/frame.css';
import './style/admin.css';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no element #root');
createRoot(root).render(<App />);
