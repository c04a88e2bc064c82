namespace NetworkProtocol.Web.Access;

/// <summary>Saves the tokens that were created in the console or by the API, so that they survive a restart.</summary>
internal interface ITokenStore
{
    /// <summary>Reads the tokens that were saved last; an empty list if there are none.</summary>
    /// <exception cref="InvalidOperationException">The saved tokens are damaged.</exception>
    IReadOnlyList<ApiToken> Read();

    /// <summary>Replaces the saved tokens. The caller makes no concurrent calls.</summary>
    /// <exception cref="IOException">The tokens could not be saved.</exception>
    void Write(IReadOnlyList<ApiToken> tokens);
}
