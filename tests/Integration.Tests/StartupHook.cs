using System.Runtime.InteropServices;

#pragma warning disable CA1050 // the runtime requires a class without a namespace

/// <summary>
/// Runs in the program's process before the program (<c>DOTNET_STARTUP_HOOKS</c>). When the program has ended and its process still exists,
/// the hook sends the process a SIGTERM and waits until the signal was handled.
/// </summary>
internal static partial class StartupHook
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly ManualResetEventSlim Handled = new();
    private static PosixSignalRegistration? _registration;

    public static void Initialize()
    {
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Handled.Set()); // the runtime calls the first handler last
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            _ = Kill(Environment.ProcessId, 15);
            Console.Error.WriteLine(Handled.Wait(Patience) ? "SIGTERM was handled" : "SIGTERM was not handled");
        };
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int id, int signal);
}
