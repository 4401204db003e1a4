import java.io.BufferedReader;
import java.io.InputStreamReader;
import moa.classifiers.core.driftdetection.AbstractChangeDetector;

/**
 * Alarms of MOA's detectors at their defaults: for each line of bits on standard input one line a class
 * named on the command line, "NAME index index ...".
 */
public class MoaAlarms {
  public static void main(String[] names) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String bits = lines.readLine(); bits != null; bits = lines.readLine()) {
      for (String name : names) System.out.println(name + alarms(name, bits));
    }
  }

  private static String alarms(String name, String bits) throws Exception {
    Class<?> type = Class.forName("moa.classifiers.core.driftdetection." + name);
    AbstractChangeDetector detector = (AbstractChangeDetector) type.getDeclaredConstructor().newInstance();
    detector.prepareForUse();
    StringBuilder found = new StringBuilder();
    for (int index = 0; index < bits.length(); index++) {
      detector.input(bits.charAt(index) - '0');
      if (detector.getChange()) found.append(' ').append(index);
    }
    return found.toString();
  }
}
