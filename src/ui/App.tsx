import { About } from './About';
import { EntropyFigure } from './charts/EntropyFigure';
import { SmallFigures } from './charts/SmallFigures';
import { Controls } from './controls/Controls';
import { ExperimentPicker } from './ExperimentPicker';
import { FailureBanner } from './FailureBanner';
import { Header } from './Header';
import { Reading } from './Reading';
import { RolloutsPanel } from './rollouts/RolloutsPanel';
import { Transport } from './Transport';
import { useShortcuts } from './useShortcuts';

/** The page. */
export function App() {
  useShortcuts();
  return (
    <div className="page">
      <Header />
      <main>
        <FailureBanner />
        <ExperimentPicker />
        <Transport />
        <About />
        <div className="bench">
          <EntropyFigure />
          <Controls />
          <SmallFigures />
        </div>
        <RolloutsPanel />
        <Reading />
      </main>
      <footer className="foot">
        Everything runs in this tab; nothing is sent anywhere. Space starts and stops the training,
        the full stop key trains one step.
      </footer>
    </div>
  );
}
