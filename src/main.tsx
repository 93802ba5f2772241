import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { connect } from './store/engine';
import { App } from './ui/App';
import { followTheme } from './ui/theme';
import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './ui/styles/layout.css';
import './ui/styles/transport.css';
import './ui/styles/controls.css';
import './ui/styles/charts.css';
import './ui/styles/rollouts.css';
import './ui/styles/reading.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id root');

followTheme();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
connect();
