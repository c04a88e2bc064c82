using System.Runtime.InteropServices;

namespace NetworkProtocol.Web;

/// <summary>
/// The signals of the process, from its first moment to its last: none of them has its default effect, which would cut off connections or
/// end a start with an error.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "A signal may come until the process is gone, and its token has neither a timer nor a wait handle.")]
internal sealed class StopSignals
{
    // Kept for the life of the process, because a registration that is collected no longer handles its signal.
    private static readonly List<PosixSignalRegistration> Registrations = [];

    private readonly CancellationTokenSource _asked = new();
    private int _interrupts;
    private int _stops;

    public StopSignals() => Registrations.AddRange(
    [
        On(PosixSignal.SIGTERM, Stop),
        On(PosixSignal.SIGINT, Interrupt),
        On(PosixSignal.SIGQUIT, AtOnce),
        On(PosixSignal.SIGHUP, _ => { }), // CertificateReloader has its own; before it starts there is nothing to reload
    ]);

    /// <summary>SIGTERM or Ctrl+C has come: drain and end.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>SIGTERM has come again, as supervisors send it: the drain goes on.</summary>
    public event Action<PosixSignal>? AskedAgain;

    /// <summary>A second Ctrl+C or SIGQUIT has come: somebody does not want to wait.</summary>
    public event Action<PosixSignal>? AskedToEndAtOnce;

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
