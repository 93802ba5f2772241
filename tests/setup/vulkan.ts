import { create } from 'webgpu';
import { prepareVulkan } from '../../tools/environment.mjs';

/**
 * Once a run, before the test processes start and inherit the environment: Dawn reads it when it
 * loads. Takes SwiftShader where the machine's own drivers give no adapter. That none can be had at
 * all is for the tests to say (`testDevice`): each then fails with the sentence.
 */
export default async function chooseVulkanDriver(): Promise<void> {
  const software = prepareVulkan();
  if (software === null || process.env['VK_ICD_FILENAMES'] || process.env['VK_DRIVER_FILES'])
    return;
  const adapter = await create([]).requestAdapter();
  if (adapter === null) process.env['VK_ICD_FILENAMES'] = software;
}
