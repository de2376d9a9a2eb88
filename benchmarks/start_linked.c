/* start_linked: does nothing, linked with all libraries that seawall may call (benchmarks/start.c). */
int main(void)
{
  return 0;
}
