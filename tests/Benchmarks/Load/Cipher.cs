using System.Diagnostics;
using NetworkProtocol.Security;

namespace Benchmarks.Load;

/// <summary>The cost of opening and sealing without a connection.</summary>
internal static class Cipher
{
    private const int Repetitions = 300;

    public static double MeasureMicroseconds(int length)
    {
        var key = new byte[32];
        using SecureChannel client = new(key), server = new(key);
        var message = new byte[length];
        byte[] request = new byte[length + SecureChannel.Overhead], answer = new byte[length + SecureChannel.Overhead];
        var took = new List<double>();
        for (var i = 0; i < Repetitions; i++)
        {
            client.Seal(message, request);
            var started = Stopwatch.GetTimestamp();
            server.Open(request, message);
            server.Seal(message, answer);
            took.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        took.Sort();
        return took[took.Count / 2];
    }
}
