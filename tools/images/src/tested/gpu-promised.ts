/** Whether tests for GPUs must find one, and fail otherwise: `REQUIRE_GPU` is set, and not to 0. */
export function gpuPromised({ REQUIRE_GPU }: Readonly<Record<string, string | undefined>>): boolean {
  return REQUIRE_GPU !== undefined && REQUIRE_GPU !== "" && REQUIRE_GPU !== "0";
}
