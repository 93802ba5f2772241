import { useEffect, useState } from 'react';

const MINUTE = 60_000;

/** The time (Date.now()), renewed every minute: for sentences such as "3 minutes ago". */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE);
    return () => clearInterval(timer);
  }, []);
  return now;
}
