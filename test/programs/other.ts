import { told } from './shared.ts';

told('other');
