#include <stdio.h>

int main(void)
{
  puts("seawall");
  return 0;
}
