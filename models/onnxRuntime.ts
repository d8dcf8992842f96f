/** The one way to ONNX Runtime, with its reports to its makers switched off. */
import * as ort from 'onnxruntime-node';
import { disableTelemetry } from './threads';

disableTelemetry();

export { ort };
