import type { Stance } from '../api/contract'

export const STANCES: Stance[] = ['positive', 'neutral', 'negative']
/** Signs that differ without their colours. */
export const SIGNS: Record<Stance, string> = { positive: '+', neutral: '○', negative: '−' }
