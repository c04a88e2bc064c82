using System.Runtime.InteropServices;

namespace NetworkProtocol.Web;

/// <summary>
/// The signals of the process, from its first moment to its last: none of them has its default effect, which would cut off connections or
/// end a start with an error.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    // Kept, because a registration that is collected no longer handles its signal.
    private readonly PosixSignalRegistration[] _registrations;
    private readonly CancellationTokenSource _asked = new();
    private int _interrupts;
    private int _stops;

    public StopSignals() => _registrations =
    [
        On(PosixSignal.SIGTERM, Stop),
        On(PosixSignal.SIGINT, Interrupt),
        On(PosixSignal.SIGQUIT, AtOnce),
        On(PosixSignal.SIGHUP, _ => { }), // CertificateReloader has its own; before it starts there is nothing to reload
    ];

    /// <summary>SIGTERM or Ctrl+C has come: drain and end.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>SIGTERM has come again, as supervisors send it: the drain goes on.</summary>
    public event Action<PosixSignal>? AskedAgain;

    /// <summary>A second Ctrl+C or SIGQUIT has come: somebody does not want to wait.</summary>
    public event Action<PosixSignal>? AskedToEndAtOnce;

    /// <summary>Lets go of the token. The signals stay without effect until the process is gone.</summary>
    public void Dispose() => _asked.Dispose();

    private static PosixSignalRegistration On(PosixSignal signal, Action<PosixSignal> act) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        act(context.Signal);
    });

    private void Stop(PosixSignal signal)
    {
        if (Interlocked.Increment(ref _stops) == 1)
        {
            _asked.Cancel();
        }
        else
        {
            AskedAgain?.Invoke(signal);
        }
    }

    private void Interrupt(PosixSignal signal)
    {
        if (Interlocked.Increment(ref _interrupts) == 1)
        {
            Stop(signal);
        }
        else
        {
            AtOnce(signal);
        }
    }

    // While the program starts nobody is connected: then it is a stop like another.
    private void AtOnce(PosixSignal signal) => (AskedToEndAtOnce ?? Stop)(signal);
}
