/** Places of the panel as positions of interventions. */
import type { Intervention } from '../../models/runtime/interventions';
import type { Place } from '../../webview/protocol';

/** Positions of a place seen from a token. */
export function positionsOf(place: Place, token: number): Intervention['positions'] {
  switch (place) {
    case 'all':
      return 'all';
    case 'at':
      return { at: token };
    case 'from':
      return { from: token };
  }
}

/** A place in words. */
export function positionsText(place: Place): string {
  switch (place) {
    case 'all':
      return 'everywhere';
    case 'at':
      return 'at this token';
    case 'from':
      return 'from here on';
  }
}
