import type { Recipe } from '../../recipe/recipe';
import { taskNamed } from '../../tasks/registry';

/**
 * Seconds of a step of one arm on two CPU cores without a graphics processor: a fixed part, and one for each token that
 * rollouts and updates go through. Fitted to the times of eleven experiments of the catalogue, met within a half.
 */
const FIXED = 0.65;
const EACH_TOKEN = 52e-6;

/** Forward and backward pass of an epoch, in forward passes. */
const PASSES_AN_EPOCH = 3;

/** Minutes that arms of these recipes take together at one seed, without a graphics processor; at least 1. */
export function trainingMinutes(recipes: readonly Recipe[]): number {
  const seconds = recipes.map((recipe) => recipe.steps * secondsOfStep(recipe));
  const sum = seconds.reduce((total, own) => total + own, 0);
  return Math.max(1, Math.round(sum / 60));
}

function secondsOfStep(recipe: Recipe): number {
  const { promptLength, maxResponse } = taskNamed(recipe.task);
  const tokens = recipe.prompts_per_step * recipe.group_size * (promptLength + maxResponse);
  return FIXED + EACH_TOKEN * tokens * (1 + PASSES_AN_EPOCH * recipe.epochs);
}
