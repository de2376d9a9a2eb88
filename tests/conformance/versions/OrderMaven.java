// Pairs on standard input, their order by Maven's ComparableVersion on standard output.
import java.io.*;
import org.apache.maven.artifact.versioning.ComparableVersion;

public class OrderMaven {
  public static void main(String[] arguments) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "ISO-8859-1"));
    PrintStream out = new PrintStream(new BufferedOutputStream(System.out));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] pair = line.split("\t", -1);
      int order = new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1]));
      out.println(Integer.signum(order) + " 11");
    }
    out.flush();
  }
}
