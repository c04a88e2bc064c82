using System.Runtime.InteropServices;

namespace NetworkProtocol.Web;

/// <summary>The first signal drains; one more ends the program at once.</summary>
internal sealed class SecondSignal : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private int _received;

    public SecondSignal() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Count),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Count),
    ];

    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());

    private void Count(PosixSignalContext signal)
    {
        if (Interlocked.Increment(ref _received) > 1)
        {
            Serilog.Log.CloseAndFlush();
            Environment.Exit(0);
        }
    }
}
