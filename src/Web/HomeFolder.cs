namespace NetworkProtocol.Web;

/// <summary>
/// Sets HOME for a user without a home folder, for example a container that runs with an arbitrary user id. The runtime needs a home folder
/// to build the chain of a certificate, and would reject every certificate without it.
/// </summary>
internal static class HomeFolder
{
    private const string Variable = "HOME";

    public static void Ensure()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
        {
            // For a user without an entry in /etc/passwd this is the root folder; the program writes nothing there.
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
            Environment.SetEnvironmentVariable(Variable, home);
        }
    }
}
