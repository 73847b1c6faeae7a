import {
  createDetectionState,
  createGroupDetector,
  type DetectionParameters,
  type DetectionState,
  type GroupDetector,
  type GroupView,
  type Inspector,
  loadDetectionState,
  rewindDetectionState,
  saveDetectionState,
} from "@hashwatt/detection";

/** The calls into detection, in one record, so that tests can put a detector of a few lines in its place. */
export interface DetectionApi {
  createState(): DetectionState;
  saveState(state: DetectionState): Uint8Array;
  loadState(bytes: Uint8Array): DetectionState;
  rewindState(state: DetectionState, civilDay: number): void;
  createDetector(view: GroupView, parameters: DetectionParameters, inspector?: Inspector): GroupDetector;
}

export const detectionApi: DetectionApi = {
  createState: createDetectionState,
  saveState: saveDetectionState,
  loadState: loadDetectionState,
  rewindState: rewindDetectionState,
  createDetector: createGroupDetector,
};
