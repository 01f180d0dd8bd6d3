// A page's program: shares a piece with the other one, and asks for more of it when it is needed.
import { told } from './shared.ts';

told('page');
void import('./later.ts').then(({ later }) => later());
