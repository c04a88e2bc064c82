using System.Runtime.InteropServices;

#pragma warning disable CA1050 // the runtime wants it in no namespace

/// <summary>
/// Runs inside the program, before it (<c>DOTNET_STARTUP_HOOKS</c>): when the program has ended by itself, and its process is not gone yet, it
/// sends it a SIGTERM and waits until that was handled.
/// </summary>
internal static partial class StartupHook
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly ManualResetEventSlim Handled = new();
    private static PosixSignalRegistration? _registration;

    public static void Initialize()
    {
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Handled.Set()); // the first one is asked last
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            _ = Kill(Environment.ProcessId, 15);
            Console.Error.WriteLine(Handled.Wait(Patience) ? "SIGTERM was handled" : "SIGTERM was not handled");
        };
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int id, int signal);
}
