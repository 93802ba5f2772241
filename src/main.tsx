import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ErrorBoundary } from 'react-error-boundary';
import { followAddress } from './store/catalogue';
import { connect } from './store/engine';
import { followPage } from './store/library';
import { followRunFromAfar } from './store/notify';
import { mendByItself } from './store/recovery';
import { keepOffline } from './store/offline';
import { replayWhereNothingTrains } from './store/replay';
import { App } from './ui/App';
import { PageFailed } from './ui/PageFailed';
import { followTheme } from './ui/theme';
import { trustOwnScripts } from './ui/trustedScripts';
import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './ui/styles/layout.css';
import './ui/styles/transport.css';
import './ui/styles/controls.css';
import './ui/styles/dialogs.css';
import './ui/styles/arms.css';
import './ui/styles/charts.css';
import './ui/styles/findings.css';
import './ui/styles/rollouts.css';
import './ui/styles/microscope.css';
import './ui/styles/softmax.css';
import './ui/styles/formula.css';
import './ui/styles/lessons.css';
import './ui/styles/reading.css';
import './ui/styles/diagnosis.css';
import './ui/styles/tools.css';
import './ui/styles/verify.css';
import './ui/styles/library.css';
import './ui/styles/policies.css';
import './ui/styles/compare.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id root');

trustOwnScripts();
followTheme();
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary FallbackComponent={PageFailed}>
      <App />
    </ErrorBoundary>
  </StrictMode>,
);
replayWhereNothingTrains();
followPage();
mendByItself();
followRunFromAfar();
connect();
followAddress();
// The browser fetches the whole site for it: not before the page itself is here.
window.addEventListener('load', () => void keepOffline());
