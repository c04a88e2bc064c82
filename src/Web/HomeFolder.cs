namespace NetworkProtocol.Web;

/// <summary>
/// A home for a user that has none, as one of any number that a container may run as. The runtime asks for it when it builds a
/// certificate's chain, and would refuse every certificate.
/// </summary>
internal static class HomeFolder
{
    private const string Variable = "HOME";

    public static void Ensure()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
        {
            // The root, where there is no entry in /etc/passwd either; nothing is written there.
            Environment.SetEnvironmentVariable(Variable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify));
        }
    }
}
