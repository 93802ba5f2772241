import { useEffect } from 'react';
import { openCatalogue } from '../store/catalogue';
import { SECTIONS } from '../store/teacher_link';
import { About } from './About';
import { EntropyFigure } from './charts/EntropyFigure';
import { MoreCharts } from './charts/MoreCharts';
import { SmallFigures } from './charts/SmallFigures';
import { Controls } from './controls/Controls';
import { Diagnosis } from './diagnosis/Diagnosis';
import { Dialogs } from './dialog/Dialogs';
import { ExperimentPicker } from './ExperimentPicker';
import { Fallible } from './Fallible';
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
import { part } from './part';
import { Reading } from './Reading';
import { RolloutsPanel } from './rollouts/RolloutsPanel';
import { Transport } from './Transport';
import { useShortcuts } from './useShortcuts';

const COMING = <div className="section section-coming" />;

/** Below the first screen: the page does not wait for them. */
const SoftmaxPanel = part(
  SECTIONS.softmax,
  () => import('./softmax/SoftmaxPanel').then((module) => module.SoftmaxPanel),
  { coming: COMING },
);
const LossFormula = part(
  SECTIONS.formula,
  () => import('./formula/LossFormula').then((module) => module.LossFormula),
  { coming: COMING },
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
          <Fallible name="The entropy curve">
            <EntropyFigure />
          </Fallible>
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
        <Shown as="softmax">
          <SoftmaxPanel />
        </Shown>
        <Shown as="formula">
          <LossFormula />
        </Shown>
        <Shown as="reading">
          <Reading />
        </Shown>
      </main>
      <footer className="foot">
        Everything runs in this tab; nothing is sent anywhere. Space starts and stops the training,
        the full stop key trains one step, the question mark shows all keys. <WithoutNetwork />{' '}
        {/* The file is made by the build. */}
        {import.meta.env.PROD && <a href="licences.txt">Licences</a>}
      </footer>
      <Dialogs />
      <DropHint />
      <LessonDock />
    </div>
  );
}
