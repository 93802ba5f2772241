import { lazy, Suspense, useEffect } from 'react';
import { openCatalogue } from '../store/catalogue';
import { About } from './About';
import { EntropyFigure } from './charts/EntropyFigure';
import { MoreCharts } from './charts/MoreCharts';
import { SmallFigures } from './charts/SmallFigures';
import { Controls } from './controls/Controls';
import { Diagnosis } from './diagnosis/Diagnosis';
import { Dialogs } from './dialog/Dialogs';
import { ExperimentPicker } from './ExperimentPicker';
import { FailureBanner } from './FailureBanner';
import { FindingsSection } from './findings/FindingsSection';
import { Header } from './Header';
import { LessonDock } from './lessons/LessonDock';
import { Shown } from './lessons/Shown';
import { TeacherNote } from './lessons/TeacherNote';
import { DropHint } from './library/DropHint';
import { Keeping } from './library/Keeping';
import { Unfinished } from './library/Unfinished';
import { NewerVersion, WithoutNetwork } from './Offline';
import { Reading } from './Reading';
import { RolloutsPanel } from './rollouts/RolloutsPanel';
import { Transport } from './Transport';
import { useShortcuts } from './useShortcuts';

/** Below the first screen: the page does not wait for them. */
const SoftmaxPanel = lazy(() =>
  import('./softmax/SoftmaxPanel').then((module) => ({ default: module.SoftmaxPanel })),
);
const LossFormula = lazy(() =>
  import('./formula/LossFormula').then((module) => ({ default: module.LossFormula })),
);

/** The page. */
export function App() {
  useShortcuts();
  // Not the picker's doing: a teacher's link may hide it, and still name an experiment.
  useEffect(() => void openCatalogue(), []);
  return (
    <div className="page">
      <Header />
      <main>
        <NewerVersion />
        <FailureBanner />
        <TeacherNote />
        <Shown as="experiment">
          <ExperimentPicker />
        </Shown>
        <Shown as="about">
          <About />
        </Shown>
        <Transport />
        <Unfinished />
        <Keeping />
        <div className="bench">
          <EntropyFigure />
          <Shown as="controls">
            <Controls />
          </Shown>
          <Diagnosis />
          <Shown as="charts">
            <SmallFigures />
          </Shown>
        </div>
        <Shown as="charts">
          <MoreCharts />
        </Shown>
        <Shown as="findings">
          <FindingsSection />
        </Shown>
        <Shown as="rollouts">
          <RolloutsPanel />
        </Shown>
        <Suspense fallback={<div className="section section-coming" />}>
          <Shown as="softmax">
            <SoftmaxPanel />
          </Shown>
          <Shown as="formula">
            <LossFormula />
          </Shown>
        </Suspense>
        <Shown as="reading">
          <Reading />
        </Shown>
      </main>
      <footer className="foot">
        Everything runs in this tab; nothing is sent anywhere. Space starts and stops the training,
        the full stop key trains one step, the question mark shows all keys. <WithoutNetwork />
      </footer>
      <Dialogs />
      <DropHint />
      <LessonDock />
    </div>
  );
}
