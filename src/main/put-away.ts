import { type PersonalData, placeKey } from '../model/personal-data.ts';
import type { State } from '../reconcile/state.ts';

/**
 * Every place where a service of the site keeps, or ever kept, what is somebody's under their name: a service that was taken
 * out of the site file has its volumes still, and may come back with them.
 */
export function placesKept(state: Pick<State, 'personalData'>, wanted: PersonalData[]): PersonalData[] {
  const places = new Map([...state.personalData(), ...wanted].map((place) => [placeKey(place), place]));
  return [...places.values()];
}
